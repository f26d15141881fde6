// The kernel of drift.slices.engine.device: rows and errors of slices over bitmaps, in one pass.
// Only barriers and atomics are used, so that the same source also runs emulated on a processor
// (tests/drift/arrays/emulation.hpp).

typedef unsigned int uint32;
typedef unsigned long long uint64;

#define THREADS 256

__device__ inline uint64 bits_of(uint64 word) {
#ifdef __CUDACC__
    return __popcll(word);
#else
    return __builtin_popcountll(word);
#endif
}

// Adds what all threads of a block hold to one place.
__device__ inline void added_up(uint64* held, uint64 mine, uint64* to) {
    held[threadIdx.x] = mine;
    __syncthreads();
    for (uint32 half = THREADS / 2; half; half /= 2) {
        if (threadIdx.x < half) held[threadIdx.x] += held[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) atomicAdd(to, held[0]);
    __syncthreads();
}

// Block (x, y): part y of the words of slice x. Neighbouring threads read neighbouring words. A slice
// that holds none of 64 rows costs no look at their errors.
extern "C" __global__ void count_slices(
    const uint64* predicates, const uint64* digits, const int* members, uint64* sizes,
    uint64* errors, long long words, int level, int digit_count)
{
    __shared__ uint64 held[THREADS];
    const int* own = members + (long long)blockIdx.x * level;
    uint64 size = 0, error = 0;
    long long stride = (long long)gridDim.y * THREADS;
    for (long long at = (long long)blockIdx.y * THREADS + threadIdx.x; at < words; at += stride) {
        uint64 rows = predicates[own[0] * words + at];
        for (int i = 1; i < level; ++i) rows &= predicates[own[i] * words + at];
        if (!rows) continue;
        size += bits_of(rows);
        for (int digit = 0; digit < digit_count; ++digit)
            error += bits_of(rows & digits[digit * words + at]) << digit;
    }
    added_up(held, size, sizes + blockIdx.x);
    if (digit_count) added_up(held, error, errors + blockIdx.x);
}
