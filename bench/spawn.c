/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer's stopwatch: `bench-spawn [-i FILE] -- COMMAND... [; COMMAND...]`.  Every line "RUNS SLOTS" on
 * stdin (one of each where it is empty) forks and execs the commands one after another, RUNS times, in
 * SLOTS at once, and prints the nanoseconds that all took together and the cpu time of the tree.  FILE
 * is each run's stdin.  In a word, @RUN@ becomes a number that no other run has, @SLOT@ its slot's.
 * Small and static, so that the fork itself is the cheapest there is.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SLOTS_MAX 64
#define COMMANDS_MAX 4
#define WORDS_MAX 128

struct slot {
	pid_t pid; /* 0: free */
	unsigned command;
	unsigned long run;
};

static char **commands[COMMANDS_MAX];
static unsigned ncommands;
static const char *stdin_file = "/dev/null";
static struct slot slots[SLOTS_MAX];
static unsigned long run_number;
static unsigned long long cpu_usec;

static unsigned long long now_nsec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (unsigned long long)t.tv_sec * 1000000000ull + (unsigned long long)t.tv_nsec;
}

/* WORD with the number in place of its mark, or WORD itself. */
static char *numbered(char *word, const char *mark, unsigned long number)
{
	char *at = strstr(word, mark), *made = NULL;

	if (!at ||
	    asprintf(&made, "%.*s%lu%s", (int)(at - word), word, number, at + strlen(mark)) < 0)
		return word;
	return made;
}

static void become(const struct slot *s)
{
	char **argv = commands[s->command], *words[WORDS_MAX];
	int in = open(stdin_file, O_RDONLY), out = open("/dev/null", O_WRONLY);
	size_t n = 0;

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(126);
	close(in);
	close(out);
	for (; argv[n] && n < WORDS_MAX - 1; n++)
		words[n] = numbered(numbered(argv[n], "@RUN@", s->run), "@SLOT@",
				    (unsigned long)(s - slots));
	words[n] = NULL;
	execv(words[0], words);
	_exit(127);
}

static void start(struct slot *s)
{
	s->pid = fork();
	if (s->pid == 0)
		become(s);
	if (s->pid < 0) {
		perror("bench-spawn: fork");
		exit(1);
	}
}

/* The slot of a command that ended; NULL for an orphan of one, which is only counted. */
static struct slot *reap(void)
{
	struct rusage usage;
	int status = 0;
	pid_t pid = wait4(-1, &status, 0, &usage);
	struct slot *s = slots;

	if (pid < 0) {
		perror("bench-spawn: wait");
		exit(1);
	}
	cpu_usec += (unsigned long long)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
		    (unsigned long long)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	while (s < slots + SLOTS_MAX && s->pid != pid)
		s++;
	if (s == slots + SLOTS_MAX)
		return NULL;
	if (status != 0) {
		fprintf(stderr, "bench-spawn: %s: status %d\n", commands[s->command][0], status);
		exit(1);
	}
	return s;
}

static void race(unsigned long runs, unsigned long nslots)
{
	unsigned long begun = 0, ended = 0;

	while (begun < runs && begun < nslots) {
		slots[begun] = (struct slot){ .run = run_number++ };
		start(&slots[begun++]);
	}
	while (ended < runs) {
		struct slot *s = reap();

		if (!s)
			continue;
		s->pid = 0;
		if (++s->command < ncommands) {
			start(s);
			continue;
		}
		ended++;
		if (begun < runs) {
			*s = (struct slot){ .run = run_number++ };
			start(s);
			begun++;
		}
	}
}

static int parse(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "+i:")) != -1) {
		if (option != 'i')
			return -1;
		stdin_file = optarg;
	}
	for (char **word = argv + optind; word < argv + argc; word++) {
		if (ncommands == COMMANDS_MAX)
			return -1;
		commands[ncommands++] = word;
		while (*word && strcmp(*word, ";"))
			word++;
		if (*word)
			*word = NULL;
	}
	return ncommands ? 0 : -1;
}

int main(int argc, char **argv)
{
	char line[64];

	if (parse(argc, argv) < 0)
		return 2;
	/* bwrap leaves before its box has ended: the box's time is found all the same. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	/* Not another run's: containers are named by it. */
	run_number = (unsigned long)getpid() * 1000000;
	while (fgets(line, sizeof(line), stdin)) {
		char *end;
		unsigned long runs = strtoul(line, &end, 10), nslots = strtoul(end, NULL, 10);
		unsigned long long from = now_nsec();

		cpu_usec = 0;
		race(runs ? runs : 1, nslots ? (nslots < SLOTS_MAX ? nslots : SLOTS_MAX) : 1);
		printf("{\"nsec\":%llu,\"cpu_usec\":%llu}\n", now_nsec() - from, cpu_usec);
		fflush(stdout);
	}
	return 0;
}
