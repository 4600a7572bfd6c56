"""exp for compiled kernels: no branch and no table, so LLVM vectorises the loop around it.

numba's own exp calls libm for one element at a time (pip's numba has no vector library). Here
exp(y) = 2^k p(r), with k = round(y / ln 2), r = y - k ln 2 and |r| <= ln 2 / 2:

- the addition of 1.5 * 2^52 leaves the integer k in the low bits of the sum;
- k ln 2 is subtracted in two parts; the first part of ln 2 has 33 bits, so its product with k is
  exact, also without FMA;
- the polynomial p has degree 11. Its first two coefficients are 1, the others are fitted at
  Chebyshev nodes of |r| <= ln 2 / 2. Its relative error is 0.14 * 2^-53, far below the rounding
  errors of its evaluation;
- 2^k is assembled from its bits.

The error is at most 2 ulp, also of subnormal results; NaN, infinities, overflow and gradual
underflow are as in libm (tests/kernels/test_exp.py compares with mpmath).
"""

from typing import Any

from .lowlevel import bits_of, from_bits, njit

_LOG2_E = 1.4426950408889634
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_ROUND = 1.5 * 2.0**52

_C2 = 0.5000000000000001
_C3 = 0.16666666666666669
_C4 = 0.04166666666662413
_C5 = 0.008333333333330062
_C6 = 0.0013888888917213717
_C7 = 0.00019841269863053618
_C8 = 2.4801521295954376e-05
_C9 = 2.7557268459997064e-06
_C10 = 2.7620088445409746e-07
_C11 = 2.510038549551032e-08

# The middle range: -512 <= k < 512. With the polynomial scaled by 2^-512 and k offset by 512, 2^k
# is one integer addition to the exponent, and `outside` shows in one bit operation that k fits.
_MIDDLE = 512.0
_SCALE = 2.0**-_MIDDLE
_ROUND_MIDDLE_BITS = 0x4338000000000000
MIDDLE_LIMIT = 1023


@njit(fastmath={"contract"})
def _polynomial(r: Any, one: Any) -> Any:
    """`one` times p(r)."""
    p = one * _C11
    p = p * r + one * _C10
    p = p * r + one * _C9
    p = p * r + one * _C8
    p = p * r + one * _C7
    p = p * r + one * _C6
    p = p * r + one * _C5
    p = p * r + one * _C4
    p = p * r + one * _C3
    p = p * r + one * _C2
    p = p * r + one
    return p * r + one


@njit(fastmath={"contract"})
def exp(y: Any) -> Any:
    """e^y for every float64.

    The clamps let NaN through. The power of two has two factors: below -700, only the last
    multiplication rounds into the subnormal numbers; elsewhere the factors are 2^(k-1) and 2.
    """
    y = 710.0 if y > 710.0 else y
    y = -746.0 if y < -746.0 else y
    low = y < -700.0
    offset = _ROUND + 1122.0 if low else _ROUND + 1022.0
    last = 2.0**-99 if low else 2.0
    shifted = y * _LOG2_E + offset
    k = shifted - offset
    r = y - k * _LN2_HIGH - k * _LN2_LOW
    return _polynomial(r, 1.0) * from_bits(bits_of(shifted) << 52) * last


@njit(fastmath={"contract"})
def exp_middle(y: Any) -> Any:
    """(e^y, outside), right where |y| < 354.

    Elsewhere, also for NaN and infinities, e^y is meaningless and `outside` is negative or above
    `MIDDLE_LIMIT`. A loop joins its flags by `|` and starts again with :func:`exp` if the result is
    out of range: 20 vector instructions an element instead of 26.
    """
    shifted = y * _LOG2_E + (_ROUND + _MIDDLE)
    k = shifted - (_ROUND + _MIDDLE)
    r = y - k * _LN2_HIGH - k * _LN2_LOW
    outside = bits_of(shifted) ^ _ROUND_MIDDLE_BITS
    return from_bits(bits_of(_polynomial(r, _SCALE)) + (outside << 52)), outside
