// Runs CUDA kernels on a processor, one block after another: every thread is a fibre, and a barrier
// hands over to the next. A block in which some threads end while others wait is refused, as on a
// device it would hang.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <ucontext.h>
#include <vector>

#define __device__
#define __global__
#define __shared__ static

struct dim3 {
    unsigned x, y, z;
};
struct uint4 {
    unsigned x, y, z, w;
};

static dim3 threadIdx, blockIdx, blockDim, gridDim;
alignas(16) static unsigned char dynamic_shared[1 << 18];

static ucontext_t scheduler;
static std::vector<ucontext_t> fibres;
static std::vector<char> ended;
static unsigned running;
static std::function<void()> body;

static void __syncthreads() { swapcontext(&fibres[running], &scheduler); }

static void entry() {
    body();
    ended[running] = 1;
}

static unsigned __float_as_uint(float value) {
    unsigned bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

template <typename T, typename U>
static T atomicAdd(T* at, U value) {
    T before = *at;
    *at += value;
    return before;
}

template <typename T>
static T atomicMax(T* at, T value) {
    T before = *at;
    *at = std::max(before, value);
    return before;
}

// Gives 0, or 1 where the threads of a block do not meet at the same barriers.
static int run_block(unsigned threads) {
    static std::vector<std::vector<char>> stacks;
    stacks.resize(std::max<size_t>(stacks.size(), threads), std::vector<char>(64 << 10));
    fibres.assign(threads, {});
    ended.assign(threads, 0);
    // Shared memory holds what the block before it left.
    for (unsigned t = 0; t < threads; ++t) {
        getcontext(&fibres[t]);
        fibres[t].uc_stack.ss_sp = stacks[t].data();
        fibres[t].uc_stack.ss_size = stacks[t].size();
        fibres[t].uc_link = &scheduler;
        makecontext(&fibres[t], entry, 0);
    }
    for (;;) {
        for (unsigned t = 0; t < threads; ++t) {
            running = t;
            threadIdx = {t, 0, 0};
            swapcontext(&scheduler, &fibres[t]);
        }
        unsigned count = 0;
        for (char one : ended) count += one;
        if (count == threads) return 0;
        if (count) return 1;
    }
}

static int launch(dim3 grid, unsigned threads, std::function<void()> kernel) {
    body = kernel;
    gridDim = grid;
    blockDim = {threads, 1, 1};
    std::memset(dynamic_shared, 0xAB, sizeof dynamic_shared);
    for (unsigned z = 0; z < grid.z; ++z)
        for (unsigned y = 0; y < grid.y; ++y)
            for (unsigned x = 0; x < grid.x; ++x) {
                blockIdx = {x, y, z};
                if (run_block(threads)) return 1;
            }
    return 0;
}
