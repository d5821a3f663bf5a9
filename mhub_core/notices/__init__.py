"""What people are told: that a run ended, that somebody commented, mentioned or invited them."""
