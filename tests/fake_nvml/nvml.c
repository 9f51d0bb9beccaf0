/* A libnvidia-ml.so.1 whose card says what the file named by FAKE_NVML does, read anew at each call.
   Lines: "uuid GPU-..."; "temperature 61"; "slowdown 93"; "utilisation 40"; "power 300000";
   "program PID MIB" (holds memory); "use PID PERCENT" (has computed); "no NAME" (that call is not supported);
   "hang" (the next call never returns); "lost" (the card has fallen off the bus). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15 };

typedef struct { unsigned pid; unsigned long long used, instance_ids; } process_t; /* ids: two unsigned */
typedef struct { unsigned pid; unsigned long long at_us; unsigned sm, mem, enc, dec; } sample_t;
typedef struct { unsigned gpu, memory; } rates_t;

static unsigned long long asked = 0;

static int each(const char *key, char found[64][64]) {
    char line[128];
    int count = 0;
    FILE *file = fopen(getenv("FAKE_NVML"), "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file) && count < 64) {
        size_t length = strlen(key);
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, key, length) && (line[length] == ' ' || !line[length]))
            snprintf(found[count++], 64, "%s", line[length] ? line + length + 1 : "");
    }
    fclose(file);
    return count;
}

static int refused(const char *name) {
    char found[64][64];
    if (each("hang", found)) for (;;) pause();
    if (each("lost", found)) return GPU_IS_LOST;
    for (int i = each("no", found); i--;) if (!strcmp(found[i], name)) return NOT_SUPPORTED;
    return SUCCESS;
}

static int number(const char *name, unsigned *value) {
    char found[64][64];
    int error = refused(name);
    if (error) return error;
    if (!each(name, found)) return NOT_SUPPORTED;
    *value = (unsigned)atoi(found[0]);
    return SUCCESS;
}

int nvmlInitWithFlags(unsigned flags) { return refused("init"); }
int nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
    char found[64][64];
    for (int i = each("uuid", found); i--;) if (!strcmp(found[i], uuid)) { *device = (void *)1; return SUCCESS; }
    return NOT_FOUND;
}
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(void *part, void **device) { return NOT_SUPPORTED; }
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *value) { return number("temperature", value); }
int nvmlDeviceGetTemperatureThreshold(void *device, int kind, unsigned *value) { return number("slowdown", value); }
int nvmlDeviceGetPowerUsage(void *device, unsigned *value) { return number("power", value); }
int nvmlDeviceGetUtilizationRates(void *device, rates_t *rates) { return number("utilisation", &rates->gpu); }

int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, process_t *processes) {
    char found[64][64];
    int error = refused("programs"), known = each("program", found);
    if (error) return error;
    if (!known) { *count = 0; return SUCCESS; }
    if (!processes || *count < (unsigned)known) { *count = (unsigned)known; return INSUFFICIENT_SIZE; }
    for (int i = 0; i < known; i++) {
        unsigned mib = 0;
        sscanf(found[i], "%u %u", &processes[i].pid, &mib);
        processes[i].used = mib * 1048576ULL;
    }
    *count = (unsigned)known;
    return SUCCESS;
}
int nvmlDeviceGetGraphicsRunningProcesses_v3(void *device, unsigned *count, process_t *processes) {
    *count = 0;
    return SUCCESS;
}
int nvmlDeviceGetProcessUtilization(void *device, sample_t *samples, unsigned *count, unsigned long long since_us) {
    char found[64][64];
    int error = refused("use_of_programs"), known = each("use", found);
    if (error) return error;
    if (!known) return NOT_FOUND;
    if (!samples) { *count = (unsigned)known; return INSUFFICIENT_SIZE; }
    asked++;
    for (int i = 0; i < known; i++) {
        sscanf(found[i], "%u %u", &samples[i].pid, &samples[i].sm);
        samples[i].at_us = since_us + 1000000;
    }
    *count = (unsigned)known;
    return SUCCESS;
}
const char *nvmlErrorString(int error) { return error == GPU_IS_LOST ? "GPU is lost" : "an error"; }
