"""The schedule linter: facts about schedules, tasks, queues and settings, and the rules that are held against them."""
