//! Samples, histograms and thresholds.
