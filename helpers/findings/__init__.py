"""What the numbers say: claims, goals and tasks with their verdicts; errors, seeds; sentences.

For those who add a claim, a goal, a task or a sentence. May import every room but report and
pipeline.
"""
