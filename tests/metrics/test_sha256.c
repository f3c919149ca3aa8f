#include <criterion/criterion.h>
#include <string.h>

#include "metrics/sha256.h"

/* Vectors of FIPS 180-4, and lengths at which the padding changes its shape. */
Test(sha256, known_answers) {
    char a[65];
    memset(a, 'a', 64);
    a[64] = '\0';
    const struct {
        const char *text;
        size_t bytes;
        const char *hash;
    } known[] = {
        {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {a, 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {a, 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[SHA256_TEXT_BYTES];
        sha256_text(known[i].text, known[i].bytes, text);
        cr_expect_str_eq(text, known[i].hash);
    }
}
