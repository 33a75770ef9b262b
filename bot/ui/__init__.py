"""What people see: status messages and views."""
