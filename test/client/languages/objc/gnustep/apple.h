// What protobuf's headers take from Apple's SDK, for clang with GNUstep's Foundation. First come the headers of the C library, which has a
// macro `__nonnull` of its own.
#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#undef __nonnull
#define __nonnull _Nonnull
#define __nullable _Nullable
#define CF_EXTERN_C_BEGIN
#define CF_EXTERN_C_END
#define NS_INLINE static inline
#define NS_FORMAT_FUNCTION(format, arguments)
#define NS_NOESCAPE
#define NS_SWIFT_NAME(name)
#define NS_SWIFT_UNAVAILABLE(reason)
// Clang takes pointers to objects for no atomic type here.
#undef atomic_compare_exchange_strong
#define atomic_compare_exchange_strong(object, expected, desired) (*(object) == *(expected))
