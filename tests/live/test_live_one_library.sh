# The virtual clock and the live driver call one library of reactions: neither has a second copy of
# anything of model/.
. "$(dirname "$0")/live_lib.sh"

defined() { nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u; }
wanted() { nm -g --undefined-only "$1" 2>/dev/null | awk 'NF == 2 { print $2 }' | sort -u; }

for room in model sim live; do
    library=$NERVE_BUILD/$room/libnerve_$room.a
    defined "$library" >"$room.defined"
    wanted "$library" >"$room.wanted"
    [ -s "$room.defined" ] || exit 77 # objects that nm cannot read
done
for name in cell_react colony_init colony_choose subjects_audience versions_raise versions_adopt \
    workload_advance; do
    grep -qx "$name" model.defined || fail "model/ has no $name"
done
for name in cell_react colony_init subjects_audience versions_adopt workload_advance; do
    for room in sim live; do
        grep -qx "$name" "$room.wanted" || fail "$room/ does not call model's $name"
    done
done
for room in sim live; do
    twice=$(comm -12 model.defined "$room.defined")
    [ -z "$twice" ] || fail "$room/ has a second $twice"
done
# Not under another name either: a reaction is what reads the genome's table of cases. (The clock's
# forecast reads it, too, as a mean field.)
copies=$(grep -lE 'genome_first|cell_case|when_probability' "$NERVE_SOURCE"/live/*.[ch])
[ -z "$copies" ] || fail "reactions in $copies"
finish
