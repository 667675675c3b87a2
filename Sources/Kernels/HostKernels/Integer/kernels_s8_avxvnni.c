#include "../Shared/mnqh_cpu.h"

#ifdef MNQH_HAS_AVX2_CODE
#define MNQH_VNNI_BITS 256
#include "depthwise_s8_vnni.h"
#include "gemm_s8_vnni.h"

#endif
