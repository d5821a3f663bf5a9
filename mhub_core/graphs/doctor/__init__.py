"""The shape doctor: what could mend a broken design, likeliest first. Pure Python; the engine tries what is found here."""
