"""What action.yml runs before there is an environment: any Python from 3.8 on, standard library."""
