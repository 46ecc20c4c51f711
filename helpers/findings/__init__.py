"""What the numbers say: claims with their verdicts; errors, seeds; sentences.

For those who add a claim or a sentence. May import every room but report and pipeline.
"""
