"""How many cores and how much memory a process may take."""

from __future__ import annotations

from pathlib import Path

import pytest

from musicgen_core import host


@pytest.fixture
def root(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(host.os, "sched_getaffinity", lambda _: range(64), raising=False)
    return tmp_path


def put(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.mark.parametrize(
    ("quota", "count"),
    [("100000 100000", 1), ("150000 100000", 2), ("20000 100000", 1), ("max 100000", 64), ("", 64)],
)
def test_threads_stay_within_the_containers_share(quota, count, root) -> None:
    assert host.usable_cores(root) == 64
    put(root, "sys/fs/cgroup/cpu.max", quota)
    assert host.usable_cores(root) == count


def test_the_tightest_of_nested_groups_counts(root) -> None:
    put(root, "proc/self/cgroup", "0::/slice/unit\n")
    put(root, "sys/fs/cgroup/slice/cpu.max", "200000 100000")
    put(root, "sys/fs/cgroup/slice/unit/cpu.max", "max 100000")
    assert host.usable_cores(root) == 2


@pytest.mark.parametrize("mount", ["cpu", "cpu,cpuacct"])
def test_the_first_version_of_cgroups_is_understood_too(mount, root) -> None:
    put(root, "proc/self/cgroup", "4:memory:/box\n3:cpu,cpuacct:/box\n1:name=systemd:/\n")
    put(root, f"sys/fs/cgroup/{mount}/box/cpu.cfs_quota_us", "300000")
    put(root, f"sys/fs/cgroup/{mount}/box/cpu.cfs_period_us", "100000")
    put(root, f"sys/fs/cgroup/{mount}/cpu.cfs_quota_us", "-1")
    assert host.usable_cores(root) == 3


def test_fewer_cores_than_the_quota_allows_are_what_there_is(root, monkeypatch) -> None:
    put(root, "sys/fs/cgroup/cpu.max", "800000 100000")
    monkeypatch.setattr(host.os, "sched_getaffinity", lambda _: {3, 5})
    assert host.usable_cores(root) == 2


def test_memory_is_what_host_and_group_leave(root) -> None:
    assert host.available_memory(root) is None
    put(root, "proc/meminfo", "MemTotal: 900 kB\nMemAvailable:   700 kB\n")
    assert host.available_memory(root) == 700 << 10
    put(root, "sys/fs/cgroup/memory.max", "500000")
    put(root, "sys/fs/cgroup/memory.current", "100000")
    assert host.available_memory(root) == 400_000
    put(root, "proc/self/cgroup", "7:memory:/box\n")
    put(root, "sys/fs/cgroup/memory/memory.limit_in_bytes", str(2**63 - 4096))
    put(root, "sys/fs/cgroup/memory/memory.usage_in_bytes", "1")
    assert host.available_memory(root) == 400_000
    put(root, "sys/fs/cgroup/memory/box/memory.limit_in_bytes", "1000")
    put(root, "sys/fs/cgroup/memory/box/memory.usage_in_bytes", "2000")
    assert host.available_memory(root) == 0


def test_what_a_processor_can_do_is_read_where_linux_tells_it(root) -> None:
    assert host.processor_features(root) == frozenset()
    put(root, "proc/cpuinfo", "processor\t: 0\nBogoMIPS\t: 50.0\n")
    assert host.processor_features(root) == frozenset()
    put(root, "proc/cpuinfo", "vendor_id\t: A\nflags\t\t: fpu avx2\n\nflags\t\t: fpu avx2\n")
    assert host.processor_features(root) == {"fpu", "avx2"}
