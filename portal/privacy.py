"""What others may see of a person: masked unless there is a reason (个人信息保护法)."""


def mask_name(name: str) -> str:
    """The first character and a star, whatever the length: 张三 and 张小满 are both 张*."""
    return f"{name[0]}*" if name else ""
