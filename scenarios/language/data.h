/* Where nerve's own scenarios, strategies and profiles lie, and which there are. */
#ifndef NERVE_LANGUAGE_DATA_H
#define NERVE_LANGUAGE_DATA_H

#include <stddef.h>

#include "scenarios/language/scenario.h" /* scenario_data_directory */

/* The names (without .yml) of nerve's own in a folder, in order of the alphabet. The caller frees
 * each and the list. */
size_t data_names(const char *folder, char ***names);

#endif
