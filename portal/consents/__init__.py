"""Consents: what a person agreed to, in which words, for which purpose, since when and until when.

Each purpose is its own consent and can be withdrawn by itself (个人信息保护法 §13–16, §29, §31). Words have versions;
a row says which one it was. Somebody without a phone signs on paper, and a photo of it lies behind the row.
"""
