"""The border at the world's size: the table of goals, measured part by part beside peers on the same data."""
