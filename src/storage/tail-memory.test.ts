import { describe, expect, test } from 'vitest';
import { TailMemory } from './tail-memory.ts';

const ARENA = 1000;

describe('arenas', () => {
  test('are used again, the oldest first, and whoever had blocks in them can see it', () => {
    const memory = new TailMemory(2 * ARENA, ARENA);
    const [first, second, third] = [memory.take(900), memory.take(900), memory.take(900)];
    expect([first.arena.live, second.arena.live, third.arena.live]).toEqual([false, true, true]);
    expect(memory.bytes).toBe(2 * ARENA);
  });

  test('are as small as a small limit asks for', () => {
    expect(new TailMemory(256 * 1024).arenaBytes).toBe(128 * 1024);
    const memory = new TailMemory(0);
    for (let i = 0; i < 10; i++) memory.take(memory.arenaBytes);
    expect(memory.bytes).toBeLessThanOrEqual(64 * 1024);
  });

  test('with something unwritten stay', () => {
    const memory = new TailMemory(2 * ARENA, ARENA);
    const first = memory.take(900);
    first.arena.unwritten++;
    const second = memory.take(900);
    memory.take(900);
    expect([first.arena.live, second.arena.live]).toEqual([true, false]);
  });

  test('that readers hold keep their bytes until the last has released them', () => {
    const memory = new TailMemory(2 * ARENA, ARENA);
    const first = memory.take(900);
    const release = memory.pin(first.arena);
    first.arena.buffer.fill(7);
    const { buffer } = first.arena;
    memory.take(900);
    const third = memory.take(900);
    third.arena.buffer.fill(9);
    expect(buffer[0]).toBe(7);
    expect(memory.bytes).toBe(3 * ARENA);
    release?.();
    const fourth = memory.take(900);
    fourth.arena.buffer.fill(9);
    expect(buffer[0]).toBe(9);
    expect(memory.bytes).toBe(2 * ARENA);
  });

  test('do not grow with the number of readers that never release: then reads are copied', () => {
    const memory = new TailMemory(2 * ARENA, ARENA);
    for (let i = 0; i < 50; i++) memory.pin(memory.take(900).arena);
    expect(memory.bytes).toBeLessThanOrEqual(5 * ARENA);
    expect(memory.pin(memory.take(900).arena)).toBe(null);
  });
});
