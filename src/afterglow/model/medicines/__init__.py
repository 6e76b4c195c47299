"""The equations of the medicines, one file each, named as the medicine's folder in `afterglow.medicines`."""
