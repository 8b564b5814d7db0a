"""Sheets to rows: CSV and XLSX, each cell with its place."""
