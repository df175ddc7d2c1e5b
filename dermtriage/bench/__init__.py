"""The benches of docs/PERFORMANCE.md: ratios measured side by side on the machine at hand."""
