// Of GCC's header, what clang understands and Foundation needs.
#include <objc/objc.h>

typedef struct objc_ivar *Ivar;
typedef struct objc_method *Method;
typedef struct objc_property *Property;
Class object_getClass(id object);
