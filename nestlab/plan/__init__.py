"""The plan: a pure difference between what is wanted and what is there, as steps with reasons."""
