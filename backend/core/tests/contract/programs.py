# SPDX-License-Identifier: Apache-2.0
"""The same small programs in each language, so that a sentence is proved for all of them."""

LANGUAGES = ["python", "javascript", "c"]


def c_main(body, includes=()):
    names = ("stdio.h", "stdlib.h", "string.h", "unistd.h", *includes)
    return "".join(f"#include <{name}>\n" for name in names) \
        + "int main(int argc, char **argv)\n{\n\t(void)argc; (void)argv;\n" + body + "\n\treturn 0;\n}\n"


HELLO = {
    "python": "print('hello')",
    "javascript": "console.log('hello')",
    "c": c_main('\tputs("hello");'),
}

ECHO = {
    "python": "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())",
    "javascript": "process.stdout.write(require('fs').readFileSync(0))",
    "c": c_main("\tint c;\n\twhile ((c = getchar()) != EOF)\n\t\tputchar(c);"),
}

SQUARE = {
    "python": "print(int(input())**2)",
    "javascript": "console.log(Number(require('fs').readFileSync(0, 'utf8')) ** 2)",
    "c": c_main('\tint n;\n\tif (scanf("%d", &n) != 1)\n\t\treturn 1;\n\tprintf("%d\\n", n * n);'),
}

# Says something on both streams, then ends with exit code 3.
FAIL = {
    "python": "import sys\nprint('said')\nprint('complained', file=sys.stderr)\nsys.exit(3)",
    "javascript": "console.log('said'); console.error('complained'); process.exitCode = 3",
    "c": c_main('\tputs("said");\n\tfputs("complained\\n", stderr);\n\treturn 3;'),
}

EXIT_137 = {
    "python": "import os; os._exit(137)",
    "javascript": "process.exit(137)",
    "c": c_main("\t_exit(137);"),
}

KILL_SELF = {
    "python": "import os, signal; os.kill(os.getpid(), signal.SIGKILL); signal.pause()",
    "javascript": "process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 60000)",
    "c": c_main("\traise(SIGKILL);\n\tpause();", ["signal.h"]),
}

ABORT = {
    "python": "import os; os.abort()",
    "javascript": "process.abort()",
    "c": c_main("\tabort();"),
}

SPIN = {
    "python": "while True: pass",
    "javascript": "for (;;);",
    "c": c_main("\tfor (volatile int i = 0;; i++)\n\t\t;"),
}

SLEEP = {
    "python": "import time; time.sleep(60)",
    "javascript": "setTimeout(() => {}, 60000)",
    "c": c_main("\tsleep(60);"),
}

EAT_MEMORY = {
    "python": "kept = []\nwhile True: kept.append(bytearray(b'x') * (1 << 22))",
    "javascript": "const kept = []; for (;;) kept.push(Buffer.alloc(1 << 22, 1))",
    "c": c_main("\tfor (;;) {\n\t\tchar *p = malloc(1 << 22);\n\t\tif (p)\n\t\t\tmemset(p, 1, 1 << 22);\n\t}"),
}

# Numbered lines without end.
FLOOD = {
    "python": "n = 0\nwhile True:\n    print(n)\n    n += 1",
    "javascript": "const fs = require('fs'); for (let n = 0;; n++) fs.writeSync(1, n + '\\n')",
    "c": c_main('\tfor (int n = 0;; n++)\n\t\tprintf("%d\\n", n);'),
}

FLOOD_STDERR = {
    "python": "import os\nwhile True: os.write(2, b'x' * 4096)",
    "javascript": "const fs = require('fs'), s = 'x'.repeat(4096); for (;;) fs.writeSync(2, s)",
    "c": c_main('\tstatic char s[4096];\n\tmemset(s, \'x\', sizeof(s));\n\tfor (;;)\n'
                "\t\tif (write(2, s, sizeof(s)) < 0)\n\t\t\treturn 1;"),
}

# Prints its arguments, one a line.
ARGUMENTS = {
    "python": "import sys\nfor a in sys.argv[1:]: print(a)",
    "javascript": "for (const a of process.argv.slice(2)) console.log(a)",
    "c": c_main("\tfor (int i = 1; i < argc; i++)\n\t\tputs(argv[i]);"),
}

# Prints the value of COLOUR.
COLOUR = {
    "python": "import os; print(os.environ['COLOUR'])",
    "javascript": "console.log(process.env.COLOUR)",
    "c": c_main('\tputs(getenv("COLOUR"));'),
}

# Prints the file notes.txt of the working directory.
NOTES = {
    "python": "import sys; sys.stdout.buffer.write(open('notes.txt', 'rb').read())",
    "javascript": "process.stdout.write(require('fs').readFileSync('notes.txt'))",
    "c": c_main('\tFILE *f = fopen("notes.txt", "r");\n\tint c;\n\twhile (f && (c = getc(f)) != EOF)\n\t\tputchar(c);'),
}

# Writes to /tmp until the disk is full, then fails; every failure is seen, none is forgiven.
FILL_DISK = {
    "python": "with open('/tmp/big', 'wb', buffering=0) as f:\n    while True: f.write(b'x' * 65536)",
    "javascript": "const fs = require('fs'), f = fs.openSync('/tmp/big', 'w'), b = Buffer.alloc(65536, 1);\n"
                  "for (;;) fs.writeSync(f, b)",
    "c": c_main('\tstatic char b[65536];\n\tint f = open("/tmp/big", O_CREAT | O_WRONLY, 0600);\n'
                "\twhile (write(f, b, sizeof(b)) > 0)\n\t\t;\n\treturn 1;", ["fcntl.h"]),
}
