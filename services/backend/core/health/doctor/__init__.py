"""`manage.py doctor`: the questions of somebody in trouble, asked group by group, with what was seen on the way."""
