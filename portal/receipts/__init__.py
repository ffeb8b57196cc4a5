"""捐赠接收确认单: numbered, frozen, checked by anyone, read only by who has the look-up code."""
