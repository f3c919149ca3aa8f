# One static library a folder, its sources found by themselves.

# Adds a folder that has a CMakeLists.txt; a room that is not built yet has none.
macro(nerve_add_folder folder)
    if(EXISTS "${PROJECT_SOURCE_DIR}/${folder}/CMakeLists.txt")
        add_subdirectory(${folder})
    endif()
endmacro()

# nerve_add_room(NAME libraries...): NAME from this folder's *.c, linking the libraries.
function(nerve_add_room name)
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.c")
    if(sources)
        add_library(${name} STATIC ${sources})
        target_link_libraries(${name} PUBLIC nerve_flags ${ARGN})
    else()
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE nerve_flags ${ARGN})
    endif()
endfunction()
