"""Contrast of every text in sight, from the colours that the browser has worked out."""

from __future__ import annotations

from playwright.sync_api import Page

_MEASURE = """
() => {
  const channels = (text) => {
    const canvas = channels.canvas ||= new OffscreenCanvas(1, 1)
      .getContext("2d", { willReadFrequently: true });
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], under) => (
    [r, g, b].map((c, n) => c * a + under[n] * (1 - a)).concat(1)
  );
  const ground = (element) => {
    if (!element) {
      const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
      return isDark ? [18, 18, 18, 1] : [255, 255, 255, 1];
    }
    const own = channels(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, ground(element.parentElement));
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element), under = ground(element);
    const [a, b] = [light(over(channels(style.color), under)), light(under)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, parseFloat(style.fontSize), Number(style.fontWeight), text.slice(0, 60)]);
  }
  return found;
}
"""
_LARGE, _LARGE_AND_BOLD = 24, 18.66
"""Pixels; WCAG 2.2, 1.4.3: 18 and 14 points."""


def too_weak(page: Page) -> list[str]:
    """Texts below AA: a ratio of 4.5, or of 3 where they are large."""
    found = page.evaluate(_MEASURE)
    assert len(found) > 20
    weak = []
    for ratio, size, weight, text in found:
        is_large = size >= _LARGE or (size >= _LARGE_AND_BOLD and weight >= 700)
        if ratio < (3 if is_large else 4.5):
            weak.append(f"{ratio:.2f}: {text}")
    return weak
