"""Facts that standards and makers publish, as plain tables: no behaviour, each with its source."""
