"""Personal files (志愿者档案): who a volunteer is, what she can and likes to do, and in which state her membership is.

What the law calls sensitive lies sealed; of a birth date only the year is plain, for ages in numbers.
"""
