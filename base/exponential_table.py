#!/usr/bin/env python3
"""Writes base/exponential_table.c: floor(-ln(1 - i/65536) * 2^32) for 2^16 steps.

The last step has no end (ln 0): it ends 2 above its beginning, so that the mean is 1 within 1e-5.
Exact: 50 decimal digits, far more than the 2^-32 that is kept.
"""
from decimal import Decimal, getcontext, ROUND_FLOOR

getcontext().prec = 50
STEPS = 65536
values = [int((-(1 - Decimal(i) / STEPS).ln() * 2**32).to_integral_value(ROUND_FLOOR)) for i in range(STEPS)]
values.append(values[-1] + 2 * 2**32)
whole = [next(i for i, v in enumerate(values) if v >= k * 2**32) for k in range(1, 14) if values[-1] >= k * 2**32]
with open(__file__.replace("exponential_table.py", "exponential_table.c"), "w") as out:
    out.write("/* Made by base/exponential_table.py; do not edit. */\n")
    out.write('#include "base/rng.h"\n\n/* clang-format off */\n')
    out.write(f"const uint32_t rng_exponential_whole[RNG_EXPONENTIAL_WHOLE] = {{\n    {', '.join(map(str, whole))},\n}};\n\n")
    out.write("const uint32_t rng_exponential_part[65537] = {\n")
    for i in range(0, len(values), 8):
        out.write("    " + ", ".join(f"{v % 2**32}" for v in values[i : i + 8]) + ",\n")
    out.write("};\n")
print(len(whole))
