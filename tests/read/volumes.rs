//! Volumes: HDF5, OLE, Zarr, raw numbers with a sidecar, sequences.
