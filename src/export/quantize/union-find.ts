/** Sets of numbers 0..size−1 that grow together. */
export class UnionFind {
  private readonly parents: Int32Array;

  constructor(size: number) {
    this.parents = Int32Array.from({ length: size }, (_, i) => i);
  }

  /** The number that stands for a set. */
  find(item: number): number {
    let root = item;
    while (this.parents[root] !== root) {
      const parent = this.parents[root] ?? root;
      this.parents[root] = this.parents[parent] ?? parent;
      root = this.parents[root] ?? root;
    }
    return root;
  }

  union(a: number, b: number): void {
    this.parents[this.find(a)] = this.find(b);
  }
}
