/*
 * A stub: no HailoRT, no device. It has the same binary interface as the part of HailoRT's C library that Mien calls, so
 * that the binding can be tested without either. What it does is chosen by its build and by the text of its "HEF":
 *
 *   STUB_MAJOR, STUB_MINOR   version that it claims
 *   STUB_DEVICES             devices that it finds
 *   "HEF pixels"             input 4x2x3 that stores pixels as they are; answers follow from the frame
 *   "HEF real"               the same, but the input stores scaled numbers
 *   "HEF timeout"            no frame is ever answered
 *   "HEF lost"               the device goes away with the third frame
 *   "HEF boxes"              a detector's output
 *   "HEF other"              compiled for another device
 *   anything else            no HEF
 *
 * Answer k of a frame is (k + 1) times the mean of its values.
 */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifndef STUB_MAJOR
#define STUB_MAJOR 4
#endif
#ifndef STUB_MINOR
#define STUB_MINOR 23
#endif
#ifndef STUB_DEVICES
#define STUB_DEVICES 1
#endif

enum { OK = 0, BAD_ARGUMENT = 2, TIMED_OUT = 4, TOO_SMALL = 5, NO_HEF = 26, CLOSED = 62, IN_USE = 74, OTHER_DEVICE = 93 };
enum { UINT8 = 1, FLOAT32 = 3, NHWC = 1, NC = 6, BOXES = 22, ROUND_ROBIN = 1 };
enum { HEIGHT = 4, WIDTH = 2, FEATURES = 3, PIXELS = HEIGHT * WIDTH * FEATURES, CLASSES = 3 };

typedef struct { uint32_t major, minor, revision; } Version;
typedef struct { char id[32]; } DeviceId;
typedef struct {
  uint32_t device_count;
  DeviceId *device_ids;
  int scheduling_algorithm;
  const char *group_id;
  bool multi_process_service;
} DeviceParams;
typedef struct { int type, order, flags; } Format;
typedef struct { Format format; uint32_t timeout_ms, queue_size; int stream_stats, element_stats; } StreamParams;
typedef struct { char name[128]; StreamParams params; } NamedParams;
typedef struct { float zero_point, scale, lowest, highest; } Quantization;
typedef struct {
  char name[128];
  char network_name[257];
  int direction;
  Format format;
  union {
    struct { uint32_t height, width, features; } shape;
    struct { uint32_t classes, boxes_per_class, boxes, mask_size; } boxes;
  };
  Quantization quantization;
} StreamInfo;

typedef struct { char text[32]; } Hef;
typedef struct {
  Hef hef;
  pthread_mutex_t lock;
  pthread_cond_t arrived;
  float sums[64];
  int written, read;
} Group;
typedef struct { Group *group; NamedParams params; bool input; } Stream;
typedef struct { Group *group; } Device;

/** What is open, for tests of closing; and how the last device was asked for. */
static int open_things = 0;
static DeviceParams last_params;

int stub_open_things(void) { return open_things; }
int stub_shared(void) { return last_params.multi_process_service; }

/** Sizes and positions as this compiler lays them out. */
int stub_layout(uint32_t *values) {
  const uint32_t all[] = {
      sizeof(DeviceParams), sizeof(NamedParams), offsetof(NamedParams, params),
      offsetof(NamedParams, params) + offsetof(StreamParams, timeout_ms), sizeof(StreamInfo),
      offsetof(StreamInfo, direction), offsetof(StreamInfo, format), offsetof(StreamInfo, shape),
      offsetof(StreamInfo, quantization), sizeof(DeviceId),
  };
  memcpy(values, all, sizeof all);
  return sizeof all / sizeof *all;
}

int hailo_get_library_version(Version *version) {
  *version = (Version){STUB_MAJOR, STUB_MINOR, 0};
  return OK;
}

const char *hailo_get_status_message(int status) { return status == OK ? "fine" : "a stub's trouble"; }

int hailo_scan_devices(void *params, DeviceId *ids, size_t *count) {
  if (params != NULL || *count < STUB_DEVICES) return BAD_ARGUMENT;
  for (int i = 0; i < STUB_DEVICES; i++) strcpy(ids[i].id, "stub:00.0");
  *count = STUB_DEVICES;
  return OK;
}

int hailo_init_vdevice_params(DeviceParams *params) {
  *params = (DeviceParams){1, NULL, ROUND_ROBIN, "UNIQUE", false};
  return OK;
}

int hailo_create_vdevice(DeviceParams *params, Device **device) {
  if (params->device_count != 1 || params->scheduling_algorithm != ROUND_ROBIN) return BAD_ARGUMENT;
  if (strcmp(params->group_id, params->multi_process_service ? "SHARED" : "UNIQUE") != 0) return BAD_ARGUMENT;
  last_params = *params;
  *device = calloc(1, sizeof **device);
  open_things++;
  return OK;
}

int hailo_release_vdevice(Device *device) {
  free(device->group);
  free(device);
  open_things--;
  return OK;
}

static bool is(const Hef *hef, const char *text) { return strcmp(hef->text, text) == 0; }

int hailo_create_hef_buffer(Hef **out, const void *bytes, size_t size) {
  if (size < 4 || size >= sizeof(Hef) || memcmp(bytes, "HEF ", 4) != 0) return NO_HEF;
  *out = calloc(1, sizeof **out);
  memcpy((*out)->text, bytes, size);
  open_things++;
  return OK;
}

int hailo_release_hef(Hef *hef) {
  free(hef);
  open_things--;
  return OK;
}

int hailo_hef_get_all_vstream_infos(Hef *hef, const char *name, StreamInfo *infos, size_t *count) {
  if (name != NULL || *count < 2) return TOO_SMALL;
  memset(infos, 0, 2 * sizeof *infos);
  strcpy(infos[0].name, "net/input");
  infos[0].format = (Format){UINT8, NHWC, 0};
  infos[0].shape.height = HEIGHT;
  infos[0].shape.width = WIDTH;
  infos[0].shape.features = FEATURES;
  infos[0].quantization = is(hef, "HEF real") ? (Quantization){128, 0.0078125f, -1, 0.9921875f} : (Quantization){0, 1, 0, 255};
  strcpy(infos[1].name, "net/classes");
  infos[1].direction = 1;
  infos[1].format = (Format){UINT8, is(hef, "HEF boxes") ? BOXES : NC, 0};
  infos[1].shape.height = 1;
  infos[1].shape.width = 1;
  infos[1].shape.features = CLASSES;
  infos[1].quantization = (Quantization){10, 0.5f, -5, 122.5f};
  *count = 2;
  return OK;
}

int hailo_configure_vdevice(Device *device, Hef *hef, void *params, Group **groups, size_t *count) {
  if (params != NULL || *count < 1) return BAD_ARGUMENT;
  if (is(hef, "HEF other")) return OTHER_DEVICE;
  Group *group = calloc(1, sizeof *group);
  group->hef = *hef;
  pthread_mutex_init(&group->lock, NULL);
  pthread_cond_init(&group->arrived, NULL);
  device->group = group;
  groups[0] = group;
  *count = 1;
  return OK;
}

static int make_params(const char *name, int type, int order, NamedParams *params, size_t *count) {
  if (*count < 1) return TOO_SMALL;
  memset(params, 0, sizeof *params);
  strcpy(params->name, name);
  params->params = (StreamParams){{type, order, 0}, 10000, 2, 0, 0};
  *count = 1;
  return OK;
}

int hailo_make_input_vstream_params(Group *group, bool unused, int type, NamedParams *params, size_t *count) {
  (void)group;
  return unused ? BAD_ARGUMENT : make_params("net/input", type, NHWC, params, count);
}

int hailo_make_output_vstream_params(Group *group, bool unused, int type, NamedParams *params, size_t *count) {
  (void)group;
  return unused ? BAD_ARGUMENT : make_params("net/classes", type, NC, params, count);
}

static int create(Group *group, const NamedParams *params, size_t count, Stream **streams, bool input) {
  if (count != 1) return BAD_ARGUMENT;
  streams[0] = calloc(1, sizeof(Stream));
  *streams[0] = (Stream){group, *params, input};
  open_things++;
  return OK;
}

int hailo_create_input_vstreams(Group *group, const NamedParams *params, size_t count, Stream **streams) {
  return create(group, params, count, streams, true);
}

int hailo_create_output_vstreams(Group *group, const NamedParams *params, size_t count, Stream **streams) {
  return create(group, params, count, streams, false);
}

static size_t item_bytes(const Stream *stream) { return stream->params.params.format.type == FLOAT32 ? 4 : 1; }

int hailo_get_input_vstream_frame_size(Stream *stream, size_t *size) {
  *size = PIXELS * item_bytes(stream);
  return OK;
}

int hailo_get_output_vstream_frame_size(Stream *stream, size_t *size) {
  *size = CLASSES * item_bytes(stream);
  return OK;
}

int hailo_vstream_write_raw_buffer(Stream *stream, const void *buffer, size_t size) {
  if (!stream->input || size != PIXELS * item_bytes(stream)) return BAD_ARGUMENT;
  Group *group = stream->group;
  float sum = 0;
  for (int i = 0; i < PIXELS; i++)
    sum += item_bytes(stream) == 4 ? ((const float *)buffer)[i] : ((const uint8_t *)buffer)[i];
  pthread_mutex_lock(&group->lock);
  bool lost = is(&group->hef, "HEF lost") && group->written >= 2;
  group->sums[group->written++ % 64] = sum;
  pthread_cond_broadcast(&group->arrived);
  pthread_mutex_unlock(&group->lock);
  return lost ? CLOSED : OK;
}

int hailo_vstream_read_raw_buffer(Stream *stream, float *buffer, size_t size) {
  if (stream->input || item_bytes(stream) != 4 || size != CLASSES * 4) return BAD_ARGUMENT;
  Group *group = stream->group;
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  uint64_t end = (uint64_t)until.tv_nsec + stream->params.params.timeout_ms * 1000000ull;
  until.tv_sec += end / 1000000000ull;
  until.tv_nsec = end % 1000000000ull;
  int status = OK;
  pthread_mutex_lock(&group->lock);
  while (status == OK && (is(&group->hef, "HEF timeout") || group->read == group->written))
    if (pthread_cond_timedwait(&group->arrived, &group->lock, &until) == ETIMEDOUT) status = TIMED_OUT;
  if (status == OK && is(&group->hef, "HEF lost") && group->read >= 2) status = CLOSED;
  if (status == OK) {
    float mean = group->sums[group->read++ % 64] / PIXELS;
    for (int k = 0; k < CLASSES; k++) buffer[k] = mean * (k + 1);
  }
  pthread_mutex_unlock(&group->lock);
  return status;
}

static int release(Stream *const *streams, size_t count) {
  for (size_t i = 0; i < count; i++) free(streams[i]);
  open_things -= count;
  return OK;
}

int hailo_release_input_vstreams(Stream *const *streams, size_t count) { return release(streams, count); }
int hailo_release_output_vstreams(Stream *const *streams, size_t count) { return release(streams, count); }
