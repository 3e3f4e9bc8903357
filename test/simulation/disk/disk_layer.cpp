// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/disk/disk_layer.hpp"

#include <cstring>
#include <new>

namespace sandbase::sim {

namespace {

// What the Unix layer says of every file system.
constexpr int sector_size = 4096;
constexpr int characteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE;
constexpr int max_path = 1024;
constexpr double unix_epoch_as_julian_day = 2440587.5;
constexpr sqlite3_int64 unix_epoch_as_julian_ms = 210866760000000;

/// What SQLite keeps memory for; its first member is sqlite3_file's only one.
struct handle {
  const sqlite3_io_methods* methods;
  disk_core* core;
  open_file* file;
};
static_assert(offsetof(handle, methods) == offsetof(sqlite3_file, pMethods));

handle& of(sqlite3_file* f) { return *reinterpret_cast<handle*>(f); }
disk_core& core_of(sqlite3_vfs* vfs) { return *static_cast<disk_core*>(vfs->pAppData); }
std::uint64_t number(sqlite3_int64 n) { return static_cast<std::uint64_t>(n); }

// --- an open file ---------------------------------------------------------------

int close(sqlite3_file* f) {
  auto& h = of(f);
  h.core->close(*h.file);
  delete h.file;
  h.methods = nullptr;
  return SQLITE_OK;
}

int read(sqlite3_file* f, void* to, int size, sqlite3_int64 offset) {
  return of(f).core->read(*of(f).file, static_cast<char*>(to), static_cast<std::size_t>(size),
                          number(offset));
}

int write(sqlite3_file* f, const void* bytes, int size, sqlite3_int64 offset) {
  return of(f).core->write(*of(f).file, {static_cast<const char*>(bytes), static_cast<std::size_t>(size)},
                           number(offset));
}

int truncate(sqlite3_file* f, sqlite3_int64 size) { return of(f).core->truncate(*of(f).file, number(size)); }

int sync(sqlite3_file* f, int) { return of(f).core->sync(*of(f).file); }

int file_size(sqlite3_file* f, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(of(f).core->size(*of(f).file));
  return SQLITE_OK;
}

int lock(sqlite3_file* f, int level) {
  // The system grants write locks only to who may write: a reader that closes last leaves the log alone.
  if (level > SQLITE_LOCK_SHARED && of(f).file->is_read_only) return SQLITE_IOERR_LOCK;
  return of(f).core->alone([&] { return of(f).file->lock(level); }) ? SQLITE_OK : SQLITE_BUSY;
}

int unlock(sqlite3_file* f, int level) {
  of(f).core->alone([&] { of(f).file->unlock(level); });
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* f, int* found) {
  *found = of(f).core->alone([&] { return of(f).file->is_reserved(); }) ? 1 : 0;
  return SQLITE_OK;
}

int file_control(sqlite3_file* f, int what, void* answer) {
  if (what != SQLITE_FCNTL_LAST_ERRNO) return SQLITE_NOTFOUND;
  *static_cast<int*>(answer) = of(f).core->alone([&] { return of(f).file->last_errno; });
  return SQLITE_OK;
}

int device_sector_size(sqlite3_file*) { return sector_size; }
int device_characteristics(sqlite3_file*) { return characteristics; }

// --- shared memory ---------------------------------------------------------------

int shm_map(sqlite3_file* f, int region, int size, int make, void volatile** address) {
  *address = of(f).core->alone([&] {
    return of(f).file->map(static_cast<std::size_t>(region), static_cast<std::size_t>(size), make != 0);
  });
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* f, int first, int count, int flags) {
  auto& file = *of(f).file;
  return of(f).core->alone([&] {
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      file.unlock_slots(first, count);
      return SQLITE_OK;
    }
    return file.lock_slots(first, count, (flags & SQLITE_SHM_EXCLUSIVE) != 0) ? SQLITE_OK : SQLITE_BUSY;
  });
}

void shm_barrier(sqlite3_file* f) {
  of(f).core->alone([] {});  // a mutex is one
}

int shm_unmap(sqlite3_file* f, int) {
  of(f).core->alone([&] { of(f).file->unmap(); });
  return SQLITE_OK;
}

// Version 2: with shared memory, without memory-mapped reading.
constexpr sqlite3_io_methods methods = {2,
                                        close,
                                        read,
                                        write,
                                        truncate,
                                        sync,
                                        file_size,
                                        lock,
                                        unlock,
                                        check_reserved_lock,
                                        file_control,
                                        device_sector_size,
                                        device_characteristics,
                                        shm_map,
                                        shm_lock,
                                        shm_barrier,
                                        shm_unmap,
                                        nullptr,
                                        nullptr};

// --- the layer --------------------------------------------------------------------

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* f, int flags, int* flags_out) {
  auto& h = *new (f) handle{};
  auto file = core_of(vfs).open(path == nullptr ? "" : path, flags);
  if (file == nullptr) return SQLITE_CANTOPEN;
  h = {&methods, &core_of(vfs), file.release()};
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  return core_of(vfs).remove(path, sync_folder != 0);
}

int access(sqlite3_vfs* vfs, const char* path, int, int* found) {
  *found = core_of(vfs).has_content(path) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  if (std::strlen(path) >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::strcpy(out, path);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* to) {
  core_of(vfs).fill_random(to, static_cast<std::size_t>(size));
  return size;
}

int sleep(sqlite3_vfs* vfs, int us) {
  core_of(vfs).sleep(us);
  return us;
}

int current_time_ms(sqlite3_vfs* vfs, sqlite3_int64* now) {
  *now = unix_epoch_as_julian_ms + core_of(vfs).now_ms();
  return SQLITE_OK;
}

int current_time(sqlite3_vfs* vfs, double* now) {
  *now = unix_epoch_as_julian_day + static_cast<double>(core_of(vfs).now_ms()) / 86'400'000.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs* vfs, int, char*) { return core_of(vfs).last_errno(); }

}  // namespace

disk_layer::disk_layer(disk_core& core) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(handle);
  vfs_.mxPathname = max_path;
  vfs_.zName = "simulated disk";
  vfs_.pAppData = &core;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  vfs_.xFullPathname = full_path;
  vfs_.xRandomness = randomness;
  vfs_.xSleep = sleep;
  vfs_.xCurrentTime = current_time;
  vfs_.xGetLastError = last_error;
  vfs_.xCurrentTimeInt64 = current_time_ms;
  sqlite3_vfs_register(&vfs_, 1);
  sqlite3_randomness(0, nullptr);  // to be seeded from here at its next use
}

disk_layer::~disk_layer() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_randomness(0, nullptr);
}

}  // namespace sandbase::sim
