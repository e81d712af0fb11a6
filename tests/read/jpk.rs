//! JPK images and curves, Park images, force curves of Nanoscope and Asylum.
