# NERVE_COMMIT, in the generated header "nerve_commit.h": the commit that is built, looked up at
# each build and written only where it changed. Targets that include it link nerve_commit.

set(NERVE_GENERATED_DIR "${PROJECT_BINARY_DIR}/generated")
add_custom_target(nerve_commit_header
    COMMAND "${CMAKE_COMMAND}" -D "SOURCE=${PROJECT_SOURCE_DIR}"
            -D "HEADER=${NERVE_GENERATED_DIR}/nerve_commit.h"
            -P "${PROJECT_SOURCE_DIR}/cmake/write_commit.cmake"
    BYPRODUCTS "${NERVE_GENERATED_DIR}/nerve_commit.h"
    VERBATIM)
add_library(nerve_commit INTERFACE)
target_include_directories(nerve_commit INTERFACE "${NERVE_GENERATED_DIR}")
add_dependencies(nerve_commit nerve_commit_header)
