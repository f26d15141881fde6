// Kernels of drift.arrays.cupy_engine: histograms of codes and numbers, and the distance of two
// sorted samples. Only barriers and atomics are used, so that the same source also runs emulated on
// a processor (tests/drift/arrays/emulation.hpp).

typedef unsigned char uint8;
typedef unsigned short uint16;
typedef unsigned int uint32;
typedef unsigned long long uint64;

#define CODES 256
#define NAN_CODE 252
#define EDGES 256
#define THREADS 256
#define ITEMS 8

// The histogram of a block lies in shared memory, `replicas` times side by side. A thread counts in
// the replica of its lane, so that neighbours with equal codes do not wait for each other; with 32
// replicas they share no bank either.
struct Tally {
    uint32* held;
    const uint16* slices;
    int first, here, replicas, lane;

    __device__ void count(int code, long long decision) const {
        int slice = 0;
        if (slices) {
            slice = (int)slices[decision] - first;
            if (slice < 0 || slice >= here) return;
        }
        atomicAdd(&held[(slice * CODES + code) * replicas + lane], 1u);
    }

    __device__ void clear() const {
        for (int i = threadIdx.x; i < here * CODES * replicas; i += blockDim.x) held[i] = 0;
        __syncthreads();
    }

    __device__ void add_to(uint64* counts) const {
        __syncthreads();
        for (int bin = threadIdx.x; bin < here * CODES; bin += blockDim.x) {
            uint64 sum = 0;
            for (int k = 0; k < replicas; ++k)
                sum += held[bin * replicas + ((k + lane) & (replicas - 1))];
            if (sum) atomicAdd(&counts[(long long)first * CODES + bin], sum);
        }
    }
};

__device__ inline Tally tally(
    uint32* held, const uint16* slices, int sliced, int slice_count, int slices_a_block,
    int replicas)
{
    int first = blockIdx.z * slices_a_block;
    int here = slice_count - first < slices_a_block ? slice_count - first : slices_a_block;
    int lane = threadIdx.x & (replicas - 1);
    return Tally{held, sliced ? slices : (const uint16*)0, first, here, replicas, lane};
}

// Block (x, y, z): a part x of the decisions of feature y, slices from z * slices_a_block on.
extern "C" __global__ void count_codes(
    const uint8* codes, const uint16* slices, uint64* counts, long long decisions,
    int sliced, int slice_count, int slices_a_block, int replicas)
{
    extern __shared__ uint32 held[];
    Tally mine = tally(held, slices, sliced, slice_count, slices_a_block, replicas);
    mine.clear();
    const uint8* row = codes + (long long)blockIdx.y * decisions;
    // Sixteen codes a load, from the first address that allows it.
    long long head = (16 - ((uint64)row & 15)) & 15;
    if (head > decisions) head = decisions;
    long long loads = (decisions - head) / 16;
    const uint4* body = (const uint4*)(row + head);
    long long at = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = at; i < loads; i += step) {
        uint4 sixteen = body[i];
        uint32 words[4] = {sixteen.x, sixteen.y, sixteen.z, sixteen.w};
        for (int w = 0; w < 4; ++w)
            for (int b = 0; b < 4; ++b)
                mine.count((words[w] >> (8 * b)) & 255, head + 16 * i + 4 * w + b);
    }
    long long rest = head + 16 * loads;
    for (long long i = at; i < head; i += step) mine.count(row[i], i);
    for (long long i = rest + at; i < decisions; i += step) mine.count(row[i], i);
    mine.add_to(counts + (long long)blockIdx.y * slice_count * CODES);
}

// The code of a number is how many edges are below it: eight steps, without a branch. Unused edges
// are infinite, and nothing is above them.
template <typename Number>
__device__ void count_numbers(
    const Number* values, const Number* edges, const uint16* slices, uint64* counts,
    long long decisions, int sliced, int slice_count, int slices_a_block, int replicas,
    uint32* held, Number* cuts)
{
    Tally mine = tally(held, slices, sliced, slice_count, slices_a_block, replicas);
    for (int i = threadIdx.x; i < EDGES; i += blockDim.x)
        cuts[i] = edges[(long long)blockIdx.y * EDGES + i];
    mine.clear();
    const Number* row = values + (long long)blockIdx.y * decisions;
    long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < decisions; i += step) {
        Number x = row[i];
        int code = 0;
        for (int half = EDGES / 2; half > 0; half >>= 1)
            code += cuts[code + half - 1] < x ? half : 0;
        mine.count(x == x ? code : NAN_CODE, i);
    }
    mine.add_to(counts + (long long)blockIdx.y * slice_count * CODES);
}

extern "C" __global__ void count_floats(
    const float* values, const float* edges, const uint16* slices, uint64* counts,
    long long decisions, int sliced, int slice_count, int slices_a_block, int replicas)
{
    extern __shared__ uint32 held[];
    __shared__ float cuts[EDGES];
    count_numbers<float>(values, edges, slices, counts, decisions, sliced, slice_count,
                         slices_a_block, replicas, held, cuts);
}

extern "C" __global__ void count_doubles(
    const double* values, const double* edges, const uint16* slices, uint64* counts,
    long long decisions, int sliced, int slice_count, int slices_a_block, int replicas)
{
    extern __shared__ uint32 held[];
    __shared__ double cuts[EDGES];
    count_numbers<double>(values, edges, slices, counts, decisions, sliced, slice_count,
                          slices_a_block, replicas, held, cuts);
}

// A key orders by feature, then by number, then by sample: feature << 33 | number << 1 | sample.
// NaN has the greatest number of all.
#define NAN_NUMBER 0xFFFFFFFFu

extern "C" __global__ void pack_floats(
    const float* reference, const float* current, uint64* keys, long long n, long long m)
{
    long long feature = blockIdx.y, total = n + m;
    long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < total; i += step) {
        float x = i < n ? reference[feature * n + i] : current[feature * m + i - n];
        // Adding 0 makes -0 and 0 equal.
        uint32 bits = __float_as_uint(x + 0.0f);
        uint32 number = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
        if (x != x) number = NAN_NUMBER;
        keys[feature * total + i] =
            (uint64)feature << 33 | (uint64)number << 1 | (uint64)(i >= n ? 1 : 0);
    }
}

// Block (x, y): how many of part x of feature y's sorted keys are of the current sample; and, all
// parts together, how many numbers each sample has that are not NaN.
extern "C" __global__ void count_current(
    const uint64* keys, long long* part_counts, uint64* sizes, long long total)
{
    __shared__ uint32 sums[3];
    if (threadIdx.x < 3) sums[threadIdx.x] = 0;
    __syncthreads();
    long long feature = blockIdx.y, start = (long long)blockIdx.x * THREADS * ITEMS;
    uint32 current = 0, numbers[2] = {0, 0};
    for (int k = 0; k < ITEMS; ++k) {
        long long i = start + (long long)k * THREADS + threadIdx.x;
        if (i >= total) break;
        uint64 key = keys[feature * total + i];
        current += (uint32)(key & 1);
        if ((uint32)(key >> 1) != NAN_NUMBER) numbers[key & 1] += 1;
    }
    atomicAdd(&sums[0], current);
    atomicAdd(&sums[1], numbers[0]);
    atomicAdd(&sums[2], numbers[1]);
    __syncthreads();
    if (threadIdx.x == 0) {
        part_counts[feature * gridDim.x + blockIdx.x] = sums[0];
        atomicAdd(&sizes[feature * 2], (uint64)sums[1]);
        atomicAdd(&sizes[feature * 2 + 1], (uint64)sums[2]);
    }
}

// The largest |F - G| of feature y, times n m: `before` says how many of the current sample precede
// part x. Only the last of equal numbers counts.
extern "C" __global__ void farthest(
    const uint64* keys, const long long* before, const uint64* sizes, uint64* gaps, long long total)
{
    __shared__ uint32 seen[2][THREADS];
    __shared__ uint64 most;
    long long feature = blockIdx.y;
    const uint64* row = keys + feature * total;
    long long start = ((long long)blockIdx.x * THREADS + threadIdx.x) * ITEMS;
    if (threadIdx.x == 0) most = 0;
    uint32 mine = 0;
    for (int k = 0; k < ITEMS && start + k < total; ++k) mine += (uint32)(row[start + k] & 1);
    int side = 0;
    seen[0][threadIdx.x] = mine;
    __syncthreads();
    for (int reach = 1; reach < THREADS; reach <<= 1, side ^= 1) {
        uint32 sum = seen[side][threadIdx.x];
        if (threadIdx.x >= reach) sum += seen[side][threadIdx.x - reach];
        seen[side ^ 1][threadIdx.x] = sum;
        __syncthreads();
    }
    long long current = before[feature * gridDim.x + blockIdx.x] + seen[side][threadIdx.x] - mine;
    long long n = (long long)sizes[feature * 2], m = (long long)sizes[feature * 2 + 1];
    uint64 largest = 0;
    for (int k = 0; k < ITEMS && start + k < total; ++k) {
        uint64 key = row[start + k];
        if ((uint32)(key >> 1) == NAN_NUMBER) break;
        current += (long long)(key & 1);
        if (start + k + 1 < total && row[start + k + 1] >> 1 == key >> 1) continue;
        long long gap = (start + k + 1 - current) * m - current * n;
        uint64 size = (uint64)(gap < 0 ? -gap : gap);
        if (size > largest) largest = size;
    }
    if (largest) atomicMax(&most, largest);
    __syncthreads();
    if (threadIdx.x == 0 && most) atomicMax(&gaps[feature], most);
}
