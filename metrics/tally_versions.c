#include "metrics/tally.h"
#include "model/versions.h"

void tally_versions(struct tally *tally, const struct versions *versions) {
    tally->interested = versions->aged;
    for (uint32_t i = 0; i < tally->sources; i++) {
        const struct versions_source *from = &versions->source[i];
        tally->source[i].reached += from->reached;
        tally->source[i].reachable += from->reachable;
        if (from->aware) {
            histogram_merge(tally->source[i].aware, from->aware);
        }
    }
    if (!versions->active) {
        return;
    }
    tally->has_versions = versions->aged > 0;
    tally->dissonance_cell_ns = versions->behind_ns;
    tally->dissonance_peak_cells = versions->peak;
    tally->dissonant_actions = versions->dissonant;
    tally->age_twice_ns2 = (uint128)versions->age_twice;
    tally->age_peaks_ns = versions->peaks_ns;
    tally->age_peaks = versions->peaks;
}
