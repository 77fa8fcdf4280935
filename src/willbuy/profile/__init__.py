"""What the tables of each stage show: questions of the reports, each answered as a small table.

Every function takes paths of products and reads only what it asks for.
"""
