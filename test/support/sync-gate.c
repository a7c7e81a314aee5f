// A disk that does not finish a sync: preloaded into a process (ld.so(8), LD_PRELOAD), it has fsync(2) and fdatasync(2) wait while
// the file named by SYNC_GATE exists. A sync that waits makes the file SYNC_GATE.waiting.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_at_gate(void) {
	const char *gate = getenv("SYNC_GATE");
	if (gate == NULL || access(gate, F_OK) != 0) return;
	char waiting[4096];
	snprintf(waiting, sizeof waiting, "%s.waiting", gate);
	int file = open(waiting, O_CREAT | O_WRONLY, 0600);
	if (file >= 0) close(file);
	while (access(gate, F_OK) == 0) usleep(2000);
}

int fsync(int file) {
	static int (*real)(int);
	if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	wait_at_gate();
	return real(file);
}

int fdatasync(int file) {
	static int (*real)(int);
	if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	wait_at_gate();
	return real(file);
}
