// How the bare loops start a program.
#pragma once

#include <sys/types.h>

// The program and its arguments that a bare loop's command line names, or else $_HANDLER. Ends the
// process when there is neither.
char** find_program(char** argv);

// Starts argv[0] with these descriptors as its stdin and stdout. The parent's copies of them are
// closed. A failure ends the process with 1.
pid_t start(char** argv, int in, int out);
