"""Weights that a seed and each tensor's name determine: the generator of `WeightSource.random`."""

import numpy


def fractions(name, count, seed):
    """`count` multiples of 2^-24 in 0 ..< 1: SplitMix64 seeded by the FNV-1a hash of the name."""
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) % 2**64
    steps = numpy.arange(1, count + 1, dtype=numpy.uint64)
    with numpy.errstate(over="ignore"):
        mixed = numpy.uint64(seed ^ state) + steps * numpy.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> numpy.uint64(31)
    return (mixed >> numpy.uint64(40)).astype(numpy.float64) * 2.0**-24


def uniform(name, shape, lower, upper, seed=1):
    """An array of 32-bit floats in `lower ..< upper`."""
    values = lower + (upper - lower) * fractions(name, int(numpy.prod(shape)), seed)
    return values.reshape(shape).astype(numpy.float32)


def kernel(name, shape, fan_in):
    bound = numpy.sqrt(6 / fan_in)
    return uniform(name, shape, -bound, bound)


def offset(name, shape):
    """A bias, or the beta or mean of a batch normalization."""
    return uniform(name, shape, -0.25, 0.25)


def positive(name, shape):
    """The gamma or variance of a batch normalization."""
    return uniform(name, shape, 0.5, 1.5)


def image(side):
    """An input `[1, side, side, 3]`, as if preprocessed."""
    return uniform("input", (1, side, side, 3), -1, 1)
