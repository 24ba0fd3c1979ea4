"""An invented world for all registers: countries, people, things, what happened to them, and a day at the borders.

Everything is a function of the seed and of its own number. Nothing is kept in memory, whatever the scale, and a link
can name what it leads to without looking for it. No person, place or thing in it is real.
"""
