"""Looking at the data of a version on screen: warnings, rows, columns, relations, odd images."""
