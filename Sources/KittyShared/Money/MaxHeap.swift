/// A list whose largest element is found and taken in O(log n), and to which an element is added in O(log n).
/// Source: J. W. J. Williams, "Algorithm 232: Heapsort", Communications of the ACM, 1964.
package struct MaxHeap<Element: Comparable> {
  /// The element at `n` is not smaller than those at `2n + 1` and `2n + 2`.
  package private(set) var elements: [Element]

  /// - Parameter sorted: The elements, smallest first.
  package init(sorted: [Element]) { elements = sorted.reversed() }

  package var count: Int { elements.count }

  package mutating func insert(_ element: Element) {
    elements.append(element)
    var place = elements.count - 1
    while place > 0, elements[(place - 1) / 2] < elements[place] {
      elements.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Removes and returns the largest element; `nil` when there is none.
  package mutating func popMax() -> Element? {
    guard let last = elements.popLast() else { return nil }
    guard let largest = elements.first else { return last }
    elements[0] = last
    var place = 0
    while 2 * place + 1 < elements.count {
      var child = 2 * place + 1
      if child + 1 < elements.count, elements[child] < elements[child + 1] { child += 1 }
      guard elements[place] < elements[child] else { break }
      elements.swapAt(place, child)
      place = child
    }
    return largest
  }
}
