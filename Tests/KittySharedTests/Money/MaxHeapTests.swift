import KittyShared
import TestSupport
import Testing

/// A number that counts its comparisons.
private struct Counted: Comparable {
  final class Counter { var comparisons = 0 }
  let value: Int
  let counter: Counter

  static func == (left: Counted, right: Counted) -> Bool { left.value == right.value }
  static func < (left: Counted, right: Counted) -> Bool {
    left.counter.comparisons += 1
    return left.value < right.value
  }
}

struct MaxHeapTests {
  @Test func elementsComeLargestFirst() {
    var random = Seeded(3)
    for _ in 0..<200 {
      let values = (0..<Int.random(in: 0...40, using: &random)).map { _ in random.next() % 20 }
      var heap = MaxHeap(sorted: values.sorted())
      let more = (0..<10).map { _ in random.next() % 20 }
      for value in more { heap.insert(value) }
      #expect(heap.count == values.count + 10)
      var taken: [UInt64] = []
      while let largest = heap.popMax() { taken.append(largest) }
      #expect(taken == (values + more).sorted(by: >))
    }
  }

  /// Each element is taken and comes back as the smallest one, the longest way through the heap.
  @Test(arguments: [1000, 4000, 16_000]) func takingAndAddingCostTheirLogarithm(count: Int) {
    let counter = Counted.Counter()
    var heap = MaxHeap(sorted: (1...count).map { Counted(value: $0, counter: counter) })
    for number in 0..<count {
      #expect(heap.popMax() != nil)
      heap.insert(Counted(value: -number, counter: counter))
    }
    let depth = Int.bitWidth - count.leadingZeroBitCount
    #expect(counter.comparisons <= 4 * count * depth)
  }
}
